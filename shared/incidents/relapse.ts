import { MINUTE, type Millis } from '../units'

/** A relapse within this time reopens an incident, and so does what a person closed and still fires after it. */
export const relapse: Millis = 15 * MINUTE
