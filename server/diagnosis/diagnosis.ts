/**
 * The room's door: what is put in, what comes out, and the two ways to ask. `diagnose` is pure and synchronous, for
 * replay and tests; `createDiagnoser` asks it in a worker, for a server that must go on answering.
 */
export { collectDiagnosisInput, type CollectPorts, type CollectQuery } from './collect'
export { createDiagnoses, type Diagnoses } from './diagnoses'
export { createDiagnoser, type Diagnoser } from './diagnoser'
export { diagnose } from './diagnose'
export type { Disturbed } from './disturbed'
export type { ChangeEvent, DiagnosisInput, LogEntry, OperationName, RedSeries } from './input'
export { defaults, type Parameters } from './parameters'
export { learnProfile, mergeProfiles, type Profile } from './profile'
export { TraceCollector, type Traces } from '#shared/trace/trace-columns'
export { culpritTypes, type Confidence, type Culprit, type CulpritType, type DecompositionRow, type Diagnosis, type Exemplar, type Qualifier, type RunnerUp } from './verdict'
