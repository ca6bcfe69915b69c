-- Changes of accounts that wait for a second administrator (docs/decisions/012-four-eyes-on-accounts.md).
CREATE TABLE `account_change` (
  `id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `user_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `wanted` TEXT NOT NULL,
  `requested_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `expires_at` DATETIME(3) NOT NULL,
  `decided_by_id` CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decided_at` DATETIME(3) NULL,
  `outcome` VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (`id`),
  INDEX `account_change_by_user` (`user_id`, `created_at`),
  INDEX `account_change_old` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE `account_change` ADD CONSTRAINT `account_change_user` FOREIGN KEY (`user_id`) REFERENCES `staff_user` (`id`) ON DELETE CASCADE ON UPDATE RESTRICT;
