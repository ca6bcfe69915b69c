-- Duplicates are counted by kind: a number of both says nothing that the page of the jobs can tell.
UPDATE `job_run` SET `detail` = JSON_REMOVE(`detail`, '$.found') WHERE `detail` LIKE '%"found":%' AND JSON_TYPE(JSON_EXTRACT(`detail`, '$.found')) = 'INTEGER';
