-- A contact names an alumnus who exists, and its search words go with it.
UPDATE `contact` k LEFT JOIN `student` s ON s.`id` = k.`student_id` SET k.`student_id` = NULL WHERE k.`student_id` IS NOT NULL AND s.`id` IS NULL;

DELETE w FROM `contact_search_token` w LEFT JOIN `contact` k ON k.`id` = w.`contact_id` WHERE k.`id` IS NULL;

ALTER TABLE `contact` ADD CONSTRAINT `contact_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE `contact_search_token` ADD CONSTRAINT `contact_search_token_contact` FOREIGN KEY (`contact_id`) REFERENCES `contact` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
