-- The first schema. Ids and codes are ASCII, people search in an accent-insensitive collation, times are UTC.

CREATE TABLE `staff_user` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `email` VARCHAR(191) NOT NULL,
  `name` VARCHAR(120) NOT NULL,
  `password_hash` VARCHAR(255) NULL,
  `password_set_at` DATETIME(3) NULL,
  `totp_secret` VARBINARY(255) NULL,
  `totp_enabled_at` DATETIME(3) NULL,
  `totp_last_step` INT UNSIGNED NULL,
  `language` CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'fr',
  `theme` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'auto',
  `disabled_at` DATETIME(3) NULL,
  `last_sign_in_at` DATETIME(3) NULL,
  `last_sign_in_ip` VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `staff_user_by_email` (`email`),
  INDEX `staff_user_list_by_name` (`name`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `role` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `key` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `label` VARCHAR(80) NOT NULL,
  `description` VARCHAR(255) NULL,
  `requires_second_factor` BOOLEAN NOT NULL DEFAULT FALSE,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `role_by_key` (`key`),
  UNIQUE INDEX `role_by_label` (`label`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `role_grant` (
  `role_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `permission` VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `scope` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `field_groups` VARCHAR(120) NOT NULL DEFAULT '',
  PRIMARY KEY (`role_id`, `permission`, `scope`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `user_role` (
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `role_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`user_id`, `role_id`),
  INDEX `user_role_by_role` (`role_id`, `user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `user_programme` (
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `programme_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`user_id`, `programme_id`),
  INDEX `user_programme_by_programme` (`programme_id`, `user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `staff_session` (
  `id` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `data` TEXT NOT NULL,
  `ip` VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `user_agent` VARCHAR(255) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `last_seen_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `expires_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `staff_session_by_user` (`user_id`, `last_seen_at`),
  INDEX `staff_session_expired` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `portal_session` (
  `id` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `account_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `data` TEXT NOT NULL,
  `ip` VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `user_agent` VARCHAR(255) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `last_seen_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `expires_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `portal_session_by_account` (`account_id`, `last_seen_at`),
  INDEX `portal_session_expired` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `recovery_code` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `code_hash` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `used_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `recovery_code_by_user` (`user_id`, `code_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `password_reset` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `token_hash` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `used_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `password_reset_by_token` (`token_hash`),
  INDEX `password_reset_by_user` (`user_id`, `created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `user_preference` (
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `value` TEXT NOT NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`user_id`, `name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `rate_limit` (
  `key` VARCHAR(255) NOT NULL,
  `points` INT NOT NULL,
  `expire` BIGINT UNSIGNED NULL,
  PRIMARY KEY (`key`),
  INDEX `rate_limit_expired` (`expire`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `programme` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `label` VARCHAR(191) NOT NULL,
  `label_key` VARCHAR(191) COLLATE utf8mb4_bin NOT NULL,
  `archived_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `programme_by_label_key` (`label_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `cohort` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `programme_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `label` VARCHAR(120) NOT NULL,
  `label_key` VARCHAR(120) COLLATE utf8mb4_bin NOT NULL,
  `starts_on` DATE NULL,
  `ends_on` DATE NULL,
  `archived_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `cohort_by_programme_label` (`programme_id`, `label_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `student` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `student_number` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `last_name` VARCHAR(120) NOT NULL,
  `first_name` VARCHAR(120) NOT NULL,
  `name_key` VARCHAR(160) COLLATE utf8mb4_bin NOT NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `status_since` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `birth_date` DATE NULL,
  `email` VARCHAR(191) NULL,
  `school_email` VARCHAR(191) NULL,
  `personal_phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `professional_phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `street` VARCHAR(255) NULL,
  `postcode` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `city` VARCHAR(120) NULL,
  `country` CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'FR',
  `cursus` VARCHAR(191) NULL,
  `programme_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `cohort_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `missing_since` DATETIME(3) NULL,
  `anomaly_count` INT UNSIGNED NOT NULL DEFAULT 0,
  `archived_at` DATETIME(3) NULL,
  `archived_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `archive_reason` VARCHAR(255) NULL,
  `restricted_at` DATETIME(3) NULL,
  `merged_into_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `student_by_number` (`student_number`),
  INDEX `student_list_by_name` (`name_key`, `id`),
  INDEX `student_list_by_status_name` (`status`, `name_key`, `id`),
  INDEX `student_list_by_programme_name` (`programme_id`, `name_key`, `id`),
  INDEX `student_list_by_cohort_name` (`cohort_id`, `name_key`, `id`),
  INDEX `student_list_by_city_name` (`city`, `name_key`, `id`),
  INDEX `student_list_by_postcode_name` (`postcode`, `name_key`, `id`),
  INDEX `student_by_birth_date_name` (`birth_date`, `name_key`, `id`),
  INDEX `student_list_by_updated` (`updated_at`, `id`),
  INDEX `student_list_by_city_updated` (`city`, `updated_at`, `id`),
  INDEX `student_list_by_status_updated` (`status`, `updated_at`, `id`),
  INDEX `student_list_missing` (`missing_since`, `name_key`, `id`),
  INDEX `student_list_anomalies` (`anomaly_count`, `name_key`, `id`),
  INDEX `student_count_by_status` (`archived_at`, `merged_into_id`, `restricted_at`, `status`),
  INDEX `student_by_survivor` (`merged_into_id`),
  INDEX `student_by_email` (`email`),
  INDEX `student_by_school_email` (`school_email`),
  INDEX `student_by_personal_phone` (`personal_phone`),
  INDEX `student_by_professional_phone` (`professional_phone`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `student_search_token` (
  `token` VARCHAR(48) COLLATE utf8mb4_bin NOT NULL,
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`token`, `student_id`),
  INDEX `student_search_token_by_student` (`student_id`, `token`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `student_import_base` (
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `fields` TEXT NOT NULL,
  `last_batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`student_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `student_status_change` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `from_status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `to_status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `reason` VARCHAR(255) NULL,
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `actor_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `changed_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  INDEX `student_status_change_by_student` (`student_id`, `changed_at`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `enrolment` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `programme_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `cohort_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `started_on` DATE NULL,
  `ended_on` DATE NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `enrolment_by_student_programme` (`student_id`, `programme_id`),
  INDEX `enrolment_by_programme` (`programme_id`, `student_id`),
  INDEX `enrolment_by_cohort` (`cohort_id`, `student_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `student_number_sequence` (
  `year` SMALLINT UNSIGNED NOT NULL,
  `last_value` INT UNSIGNED NOT NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`year`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `company` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `legacy_id` INT NULL,
  `siren` CHAR(9) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `name` VARCHAR(255) NOT NULL,
  `name_key` VARCHAR(191) COLLATE utf8mb4_bin NOT NULL,
  `street` VARCHAR(255) NULL,
  `postcode` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `city` VARCHAR(120) NULL,
  `country` CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'FR',
  `email` VARCHAR(191) NULL,
  `phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `website` VARCHAR(255) NULL,
  `sector` VARCHAR(120) NULL,
  `naf_code` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `naf_nomenclature` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `headcount_code` VARCHAR(4) NULL,
  `relation_stage` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'suspect',
  `open_to_students` BOOLEAN NOT NULL DEFAULT FALSE,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `anomaly_count` INT UNSIGNED NOT NULL DEFAULT 0,
  `missing_since` DATETIME(3) NULL,
  `archived_at` DATETIME(3) NULL,
  `archived_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `archive_reason` VARCHAR(255) NULL,
  `merged_into_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `company_by_legacy_id` (`legacy_id`),
  UNIQUE INDEX `company_by_siren` (`siren`),
  INDEX `company_list_by_name` (`name_key`, `id`),
  INDEX `company_list_by_city_name` (`city`, `name_key`, `id`),
  INDEX `company_list_by_postcode_name` (`postcode`, `name_key`, `id`),
  INDEX `company_list_by_sector_name` (`sector`, `name_key`, `id`),
  INDEX `company_list_by_stage_name` (`relation_stage`, `name_key`, `id`),
  INDEX `company_list_by_updated` (`updated_at`, `id`),
  INDEX `company_list_missing` (`missing_since`, `name_key`, `id`),
  INDEX `company_list_anomalies` (`anomaly_count`, `name_key`, `id`),
  INDEX `company_by_survivor` (`merged_into_id`),
  INDEX `company_by_phone` (`phone`),
  INDEX `company_by_email` (`email`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `company_search_token` (
  `token` VARCHAR(48) COLLATE utf8mb4_bin NOT NULL,
  `company_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`token`, `company_id`),
  INDEX `company_search_token_by_company` (`company_id`, `token`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `company_import_base` (
  `company_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `fields` TEXT NOT NULL,
  `last_batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`company_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `company_site` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `company_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `siret` CHAR(14) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `label` VARCHAR(160) NOT NULL,
  `street` VARCHAR(255) NULL,
  `postcode` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `city` VARCHAR(120) NULL,
  `country` CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'FR',
  `phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `email` VARCHAR(191) NULL,
  `archived_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `company_site_by_siret` (`siret`),
  INDEX `company_site_by_company` (`company_id`, `label`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `contact` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `company_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `site_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `last_name` VARCHAR(120) NOT NULL,
  `first_name` VARCHAR(120) NULL,
  `name_key` VARCHAR(160) COLLATE utf8mb4_bin NOT NULL,
  `job_title` VARCHAR(160) NULL,
  `contact_role` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'other',
  `email` VARCHAR(191) NULL,
  `phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `mobile_phone` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `opted_out_at` DATETIME(3) NULL,
  `last_contact_on` DATE NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'manual',
  `archived_at` DATETIME(3) NULL,
  `archived_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `contact_list_by_name` (`name_key`, `id`),
  INDEX `contact_list_by_company` (`company_id`, `name_key`, `id`),
  INDEX `contact_list_by_updated` (`updated_at`, `id`),
  INDEX `contact_by_email` (`email`),
  INDEX `contact_by_phone` (`phone`),
  INDEX `contact_by_mobile_phone` (`mobile_phone`),
  INDEX `contact_by_site` (`site_id`, `id`),
  INDEX `contact_by_student` (`student_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `contact_search_token` (
  `token` VARCHAR(48) COLLATE utf8mb4_bin NOT NULL,
  `contact_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`token`, `contact_id`),
  INDEX `contact_search_token_by_contact` (`contact_id`, `token`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `alumni_profile` (
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `cursus` VARCHAR(191) NULL,
  `graduated_on` DATE NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`student_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `position` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `company_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `company_text` VARCHAR(255) NULL,
  `company_key` VARCHAR(191) COLLATE utf8mb4_bin NULL,
  `title` VARCHAR(160) NULL,
  `started_on` DATE NULL,
  `ended_on` DATE NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `position_by_student` (`student_id`, `ended_on`, `id`),
  INDEX `position_by_company` (`company_id`, `ended_on`, `student_id`),
  INDEX `position_unresolved` (`company_id`, `company_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `note` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `body` TEXT NOT NULL,
  `author_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `archived_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `note_by_subject` (`subject_type`, `subject_id`, `created_at`, `id`),
  INDEX `note_by_author` (`author_id`, `created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tag` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `label` VARCHAR(60) NOT NULL,
  `label_key` VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
  `colour` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'blue',
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `tag_by_label_key` (`label_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `tagging` (
  `tag_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`tag_id`, `subject_type`, `subject_id`),
  INDEX `tagging_by_subject` (`subject_type`, `subject_id`, `tag_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `saved_filter` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `owner_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `list` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` VARCHAR(80) NOT NULL,
  `query` TEXT NOT NULL,
  `shared_role_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `saved_filter_by_owner` (`owner_id`, `list`, `name`),
  INDEX `saved_filter_by_role` (`shared_role_id`, `list`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `duplicate_candidate` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `first_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `second_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `score` TINYINT UNSIGNED NOT NULL,
  `reasons` TEXT NOT NULL,
  `state` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decided_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decided_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `duplicate_candidate_by_pair` (`subject_type`, `first_id`, `second_id`),
  INDEX `duplicate_candidate_queue` (`subject_type`, `state`, `score`, `id`),
  INDEX `duplicate_candidate_by_second` (`second_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `merge` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `survivor_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `merged_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `before_image` MEDIUMBLOB NULL,
  `merged_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `merged_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `undone_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `undone_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  INDEX `merge_by_survivor` (`survivor_id`),
  INDEX `merge_by_merged` (`merged_id`),
  INDEX `merge_list` (`merged_at`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `audit_event` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `site` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `sequence` BIGINT UNSIGNED NOT NULL,
  `occurred_at` DATETIME(3) NOT NULL,
  `actor_type` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `actor_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `action` VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_type` VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ip` VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `request_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `person_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `payload` MEDIUMBLOB NULL,
  `previous_hash` BINARY(32) NOT NULL,
  `hash` BINARY(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `audit_event_chain` (`site`, `sequence`),
  INDEX `audit_event_by_subject` (`subject_type`, `subject_id`, `id`),
  INDEX `audit_event_by_actor` (`actor_id`, `id`),
  INDEX `audit_event_by_action` (`action`, `id`),
  INDEX `audit_event_by_person` (`person_id`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `audit_chain` (
  `site` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `last_sequence` BIGINT UNSIGNED NOT NULL,
  `last_hash` BINARY(32) NOT NULL,
  PRIMARY KEY (`site`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `person_key` (
  `person_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `wrapped_key` VARBINARY(80) NULL,
  `destroyed_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`person_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `import_batch` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `source` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `origin` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `file_name` VARCHAR(255) NOT NULL,
  `file_sha256` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `stored_file` VARCHAR(120) NULL,
  `file_format` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `sheet` VARCHAR(191) NULL,
  `header_row` INT UNSIGNED NULL,
  `columns` TEXT NULL,
  `unknown_columns` TEXT NULL,
  `other_sheets` TEXT NULL,
  `error_code` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `error_detail` TEXT NULL,
  `suspicion` TEXT NULL,
  `forced` BOOLEAN NOT NULL DEFAULT FALSE,
  `dry_run` BOOLEAN NOT NULL DEFAULT FALSE,
  `row_count` INT UNSIGNED NOT NULL DEFAULT 0,
  `position` INT UNSIGNED NOT NULL DEFAULT 0,
  `rows_done` INT UNSIGNED NOT NULL DEFAULT 0,
  `totals` TEXT NULL,
  `merge_pairs` TEXT NULL,
  `started_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `confirmed_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `cancelled_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `read_at` DATETIME(3) NULL,
  `confirmed_at` DATETIME(3) NULL,
  `apply_started_at` DATETIME(3) NULL,
  `applied_at` DATETIME(3) NULL,
  `cancelled_at` DATETIME(3) NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `import_batch_last_applied` (`source`, `state`, `applied_at`),
  INDEX `import_batch_by_state` (`state`, `created_at`),
  INDEX `import_batch_list` (`created_at`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `import_row` (
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row_number` INT UNSIGNED NOT NULL,
  `source_key` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `outcome` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `entity_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `errors` VARCHAR(500) NOT NULL DEFAULT '[]',
  `warnings` VARCHAR(500) NOT NULL DEFAULT '[]',
  `suggestion` VARCHAR(255) NULL,
  `raw` MEDIUMBLOB NULL,
  `fields` TEXT NULL,
  `changes` TEXT NULL,
  `entity_version` INT UNSIGNED NULL,
  `corrected_at` DATETIME(3) NULL,
  `corrected_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `undo_outcome` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (`batch_id`, `row_number`),
  INDEX `import_row_by_outcome` (`batch_id`, `outcome`, `row_number`),
  INDEX `import_row_by_entity` (`entity_id`, `batch_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `import_row_issue` (
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row_number` INT UNSIGNED NOT NULL,
  `code` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `severity` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `field` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  PRIMARY KEY (`batch_id`, `row_number`, `code`),
  INDEX `import_row_issue_by_code` (`batch_id`, `code`, `row_number`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `import_missing` (
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `previous_since` DATETIME(3) NULL,
  PRIMARY KEY (`batch_id`, `subject_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `import_before_image` (
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row_number` INT UNSIGNED NOT NULL,
  `image` MEDIUMBLOB NOT NULL,
  PRIMARY KEY (`batch_id`, `row_number`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `edit_conflict` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `batch_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `row_number` INT UNSIGNED NOT NULL,
  `subject_type` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `field` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `base_value` VARCHAR(500) NULL,
  `file_value` VARCHAR(500) NULL,
  `crm_value` VARCHAR(500) NULL,
  `state` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'open',
  `decided_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decided_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `edit_conflict_queue` (`state`, `created_at`, `id`),
  INDEX `edit_conflict_by_subject` (`subject_type`, `subject_id`, `state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `outbox_message` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `site` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `channel` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payload` BLOB NOT NULL,
  `dedupe_key` VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'pending',
  `attempts` INT UNSIGNED NOT NULL DEFAULT 0,
  `next_attempt_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `lease_owner` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `lease_until` DATETIME(3) NULL,
  `last_error` VARCHAR(255) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `sent_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `outbox_message_by_key` (`site`, `dedupe_key`),
  INDEX `outbox_message_due` (`site`, `state`, `next_attempt_at`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `job_lease` (
  `site` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `job` VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `owner` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `held_until` DATETIME(3) NOT NULL,
  PRIMARY KEY (`site`, `job`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `job_run` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `site` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `job` VARCHAR(48) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `trigger` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `started_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `result` VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'running',
  `detail` TEXT NULL,
  `started_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `finished_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  INDEX `job_run_by_job` (`job`, `started_at`, `id`),
  INDEX `job_run_list` (`started_at`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `setting` (
  `name` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `value` MEDIUMTEXT NOT NULL,
  `updated_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `version` INT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE `role_grant` ADD CONSTRAINT `role_grant_role` FOREIGN KEY (`role_id`) REFERENCES `role` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `user_role` ADD CONSTRAINT `user_role_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `user_role` ADD CONSTRAINT `user_role_role` FOREIGN KEY (`role_id`) REFERENCES `role` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `user_programme` ADD CONSTRAINT `user_programme_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `user_programme` ADD CONSTRAINT `user_programme_programme` FOREIGN KEY (`programme_id`) REFERENCES `programme` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `staff_session` ADD CONSTRAINT `staff_session_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `recovery_code` ADD CONSTRAINT `recovery_code_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `password_reset` ADD CONSTRAINT `password_reset_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `user_preference` ADD CONSTRAINT `user_preference_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `cohort` ADD CONSTRAINT `cohort_programme` FOREIGN KEY (`programme_id`) REFERENCES `programme` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `student` ADD CONSTRAINT `student_programme` FOREIGN KEY (`programme_id`) REFERENCES `programme` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `student` ADD CONSTRAINT `student_cohort` FOREIGN KEY (`cohort_id`) REFERENCES `cohort` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `student_search_token` ADD CONSTRAINT `student_search_token_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `student_import_base` ADD CONSTRAINT `student_import_base_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `student_status_change` ADD CONSTRAINT `student_status_change_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `enrolment` ADD CONSTRAINT `enrolment_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `enrolment` ADD CONSTRAINT `enrolment_programme` FOREIGN KEY (`programme_id`) REFERENCES `programme` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `enrolment` ADD CONSTRAINT `enrolment_cohort` FOREIGN KEY (`cohort_id`) REFERENCES `cohort` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `company_search_token` ADD CONSTRAINT `company_search_token_company` FOREIGN KEY (`company_id`) REFERENCES `company` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `company_import_base` ADD CONSTRAINT `company_import_base_company` FOREIGN KEY (`company_id`) REFERENCES `company` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `company_site` ADD CONSTRAINT `company_site_company` FOREIGN KEY (`company_id`) REFERENCES `company` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `contact` ADD CONSTRAINT `contact_company` FOREIGN KEY (`company_id`) REFERENCES `company` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `contact` ADD CONSTRAINT `contact_site` FOREIGN KEY (`site_id`) REFERENCES `company_site` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `alumni_profile` ADD CONSTRAINT `alumni_profile_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `position` ADD CONSTRAINT `position_student` FOREIGN KEY (`student_id`) REFERENCES `student` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `position` ADD CONSTRAINT `position_company` FOREIGN KEY (`company_id`) REFERENCES `company` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `note` ADD CONSTRAINT `note_author` FOREIGN KEY (`author_id`) REFERENCES `staff_user` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `tagging` ADD CONSTRAINT `tagging_tag` FOREIGN KEY (`tag_id`) REFERENCES `tag` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `saved_filter` ADD CONSTRAINT `saved_filter_owner` FOREIGN KEY (`owner_id`) REFERENCES `staff_user` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `saved_filter` ADD CONSTRAINT `saved_filter_role` FOREIGN KEY (`shared_role_id`) REFERENCES `role` (`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE `import_row` ADD CONSTRAINT `import_row_batch` FOREIGN KEY (`batch_id`) REFERENCES `import_batch` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `import_row_issue` ADD CONSTRAINT `import_row_issue_batch` FOREIGN KEY (`batch_id`) REFERENCES `import_batch` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `import_missing` ADD CONSTRAINT `import_missing_batch` FOREIGN KEY (`batch_id`) REFERENCES `import_batch` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
ALTER TABLE `import_before_image` ADD CONSTRAINT `import_before_image_batch` FOREIGN KEY (`batch_id`) REFERENCES `import_batch` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;

-- The NIR lives apart: schema left out of the binary log, key outside the database, only the two last digits in clear.
CREATE TABLE __NIR__.`student_nir` (
  `student_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `nir_index` BINARY(32) NOT NULL,
  `ciphertext` VARBINARY(96) NOT NULL,
  `key_digits` CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `key_version` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `collected_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`student_id`),
  UNIQUE INDEX `student_nir_by_index` (`nir_index`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Persons erased whose number may still stand in the daily workbook (PERSON_ERASED).
CREATE TABLE __NIR__.`erased_person` (
  `nir_index` BINARY(32) NOT NULL,
  `erased_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`nir_index`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
