/** A setting that cannot be used: its message names the setting, never its value. */
export class ConfigError extends Error {}
