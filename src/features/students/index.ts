export { createNirVault, type NirVault } from './nir-vault.ts';
export { createStudentLists, type StudentLists, type StudentRow } from './student-list.ts';
export { studentListRoutes } from './student-list-routes.ts';
export {
  editableGroups,
  readableGroups,
  readsGroupEverywhere,
  studentReach,
  visibleStudents,
  type StudentFieldGroup,
} from './student-visibility.ts';
export {
  ensureAlumniProfiles,
  ensureEnrolments,
  ensureProgrammes,
  programmeKey,
  recordStatusChanges,
  takeStudentNumbers,
  writeSearchTokens,
  type Origin,
  type StatusChange,
} from './student-writer.ts';
export { alumniUrl, editStudentUrl, newStudentUrl, studentsUrl, studentUrl } from './urls.ts';
