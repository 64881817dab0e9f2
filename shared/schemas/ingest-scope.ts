/** What an ingest key may send. */
export const ingestScopes = ['telemetry', 'changes', 'alerts', 'sampling'] as const
export type IngestScope = (typeof ingestScopes)[number]
