export { createSettingsService, type SettingsService } from './settings-service.ts';
export type { SettingName, SettingValue } from './settings-schema.ts';
