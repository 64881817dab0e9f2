import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'sqlite', schema: './server/db/telemetry/schema.ts', out: './drizzle/telemetry' })
