export { createCareerService, type CareerService } from './career-service.ts';
export { createEnrolmentService, type EnrolmentService } from './enrolment-service.ts';
export { CHECK_LIMIT, createNirChecks } from './nir-check.ts';
export { createNirRevealService, REVEAL_LIMIT, type NirRevealService } from './nir-reveal-service.ts';
export { createNirVault, type NirVault } from './nir-vault.ts';
export { likeness, lettersApart, type Likeness, type LikenessReason, type PersonFacts } from './person-likeness.ts';
export { createStudentCreationService, type StudentCreationService } from './student-creation-service.ts';
export { createStudentEditService, type StudentEditService } from './student-edit-service.ts';
export { createStudentLists, type StudentLists, type StudentRow } from './student-list.ts';
export { studentListRoutes } from './student-list-routes.ts';
export { studentRecordRoutes } from './student-record-routes.ts';
export { createStudentRecordService, type StudentRecord, type StudentRecordService } from './student-record-service.ts';
export {
  editableGroups,
  readableGroups,
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
