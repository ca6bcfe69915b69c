#!/bin/bash
# Run once by the database image, on an empty volume: two schemas, and one account a site. The student site does not
# reach the NIR schema.
set -eu
mariadb --user=root --password="$MARIADB_ROOT_PASSWORD" <<SQL
CREATE DATABASE IF NOT EXISTS crm CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE IF NOT EXISTS crm_nir CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER 'crm'@'%' IDENTIFIED BY '${CRM_DATABASE_PASSWORD}';
GRANT ALL PRIVILEGES ON crm.* TO 'crm'@'%';
GRANT ALL PRIVILEGES ON crm_nir.* TO 'crm'@'%';
CREATE USER 'crm_portal'@'%' IDENTIFIED BY '${CRM_PORTAL_DATABASE_PASSWORD}';
GRANT SELECT, INSERT, UPDATE, DELETE ON crm.* TO 'crm_portal'@'%';
SQL
