CREATE TABLE `consumers` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `consumers_name_unique` ON `consumers` (`name`);--> statement-breakpoint
CREATE TABLE `operations` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`name` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operations_key` ON `operations` (`service_id`,`name`);--> statement-breakpoint
CREATE TABLE `remotes` (
	`id` integer PRIMARY KEY NOT NULL,
	`caller_id` integer NOT NULL,
	`kind` integer NOT NULL,
	`name` text NOT NULL,
	`callee_id` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `remotes_key` ON `remotes` (`caller_id`,`kind`,`name`);--> statement-breakpoint
CREATE TABLE `resources` (
	`id` integer PRIMARY KEY NOT NULL,
	`digest` blob NOT NULL,
	`service_id` integer NOT NULL,
	`data` blob NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `resources_digest_unique` ON `resources` (`digest`);--> statement-breakpoint
CREATE INDEX `resources_last_seen_idx` ON `resources` (`last_seen`);--> statement-breakpoint
CREATE TABLE `routes` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`method` text NOT NULL,
	`route_key` text NOT NULL,
	`sample_path` text,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `routes_key` ON `routes` (`service_id`,`method`,`route_key`);--> statement-breakpoint
CREATE TABLE `scopes` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `scopes_key` ON `scopes` (`name`,`version`);--> statement-breakpoint
CREATE TABLE `service_instances` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`instance` text NOT NULL,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_instances_key` ON `service_instances` (`service_id`,`instance`);--> statement-breakpoint
CREATE TABLE `service_versions` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`version` text NOT NULL,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_versions_key` ON `service_versions` (`service_id`,`version`);--> statement-breakpoint
CREATE TABLE `services` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`namespace` text,
	`language` text,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `services_name_unique` ON `services` (`name`);--> statement-breakpoint
CREATE TABLE `error_counts` (
	`service_id` integer NOT NULL,
	`bucket` integer NOT NULL,
	`group_id` integer NOT NULL,
	`count` integer NOT NULL,
	`trace_id` blob NOT NULL,
	PRIMARY KEY(`service_id`, `bucket`, `group_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `error_counts_bucket_idx` ON `error_counts` (`bucket`);--> statement-breakpoint
CREATE TABLE `error_groups` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`operation_id` integer NOT NULL,
	`error_type` text NOT NULL,
	`message` text NOT NULL,
	`first_seen` integer NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `error_groups_key` ON `error_groups` (`service_id`,`operation_id`,`error_type`,`message`);--> statement-breakpoint
CREATE TABLE `batches` (
	`digest` blob PRIMARY KEY NOT NULL,
	`arrived_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `batches_arrived_at_idx` ON `batches` (`arrived_at`);--> statement-breakpoint
CREATE TABLE `intake` (
	`hour` integer NOT NULL,
	`key_id` text NOT NULL,
	`signal` text NOT NULL,
	`service` text NOT NULL,
	`reason` text NOT NULL,
	`items` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`hour`, `key_id`, `signal`, `service`, `reason`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `removals` (
	`what` text PRIMARY KEY NOT NULL,
	`rows` integer NOT NULL,
	`last_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `logs` (
	`id` integer PRIMARY KEY NOT NULL,
	`moved` integer NOT NULL,
	`observed_at` integer NOT NULL,
	`arrived_at` integer NOT NULL,
	`level` integer NOT NULL,
	`level_text` text NOT NULL,
	`service_id` integer NOT NULL,
	`resource_id` integer NOT NULL,
	`scope_id` integer NOT NULL,
	`trace_id` blob,
	`span_id` blob,
	`body` text NOT NULL,
	`data` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `logs_service_idx` ON `logs` (`service_id`);--> statement-breakpoint
CREATE INDEX `logs_level_idx` ON `logs` (`level`);--> statement-breakpoint
CREATE INDEX `logs_trace_idx` ON `logs` (`trace_id`) WHERE "logs"."trace_id" is not null;--> statement-breakpoint
CREATE TABLE `metric_points` (
	`series_id` integer NOT NULL,
	`at` integer NOT NULL,
	`started_at` integer NOT NULL,
	`value` real NOT NULL,
	`count` real,
	PRIMARY KEY(`series_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `metric_series` (
	`id` integer PRIMARY KEY NOT NULL,
	`metric_id` integer NOT NULL,
	`digest` blob NOT NULL,
	`resource_id` integer NOT NULL,
	`cumulative` integer NOT NULL,
	`attributes` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `metric_series_key` ON `metric_series` (`metric_id`,`digest`);--> statement-breakpoint
CREATE TABLE `metrics` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`name` text NOT NULL,
	`unit` text NOT NULL,
	`kind` text NOT NULL,
	`last_seen` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `metrics_key` ON `metrics` (`service_id`,`name`);--> statement-breakpoint
CREATE TABLE `operation_cells` (
	`level` integer NOT NULL,
	`service_id` integer NOT NULL,
	`bucket` integer NOT NULL,
	`key_id` integer NOT NULL,
	`spans` integer NOT NULL,
	`requests` real NOT NULL,
	`failed` real NOT NULL,
	`duration` real NOT NULL,
	`sketch` blob NOT NULL,
	PRIMARY KEY(`level`, `service_id`, `bucket`, `key_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `operation_keys` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`operation_id` integer NOT NULL,
	`kind` integer NOT NULL,
	`remote_id` integer NOT NULL,
	`status_class` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operation_keys_key` ON `operation_keys` (`operation_id`,`kind`,`remote_id`,`status_class`);--> statement-breakpoint
CREATE TABLE `request_cells` (
	`level` integer NOT NULL,
	`service_id` integer NOT NULL,
	`bucket` integer NOT NULL,
	`key_id` integer NOT NULL,
	`spans` integer NOT NULL,
	`requests` real NOT NULL,
	`failed` real NOT NULL,
	`duration` real NOT NULL,
	`sketch` blob NOT NULL,
	PRIMARY KEY(`level`, `service_id`, `bucket`, `key_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `request_keys` (
	`id` integer PRIMARY KEY NOT NULL,
	`service_id` integer NOT NULL,
	`route_id` integer NOT NULL,
	`consumer_id` integer NOT NULL,
	`status_class` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `request_keys_key` ON `request_keys` (`route_id`,`consumer_id`,`status_class`);--> statement-breakpoint
CREATE TABLE `segments` (
	`id` integer PRIMARY KEY NOT NULL,
	`trace` integer NOT NULL,
	`arrived_at` integer NOT NULL,
	`spans` integer NOT NULL,
	`data` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `segments_trace_idx` ON `segments` (`trace`);--> statement-breakpoint
CREATE TABLE `trace_services` (
	`service_id` integer NOT NULL,
	`started_at` integer NOT NULL,
	`trace` integer NOT NULL,
	`spans` integer NOT NULL,
	`operations` text NOT NULL,
	`routes` text NOT NULL,
	`consumer_id` integer,
	`failed` integer NOT NULL,
	`status` integer,
	`request_duration` integer,
	`request_span` blob,
	`error_type` text,
	`resource_id` integer NOT NULL,
	PRIMARY KEY(`service_id`, `started_at`, `trace`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `traces` (
	`id` integer PRIMARY KEY NOT NULL,
	`trace_id` blob NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`arrived_at` integer NOT NULL,
	`spans` integer NOT NULL,
	`rooted` integer NOT NULL,
	`root_started_at` integer NOT NULL,
	`root_service_id` integer NOT NULL,
	`root_operation_id` integer NOT NULL,
	`root_kind` integer NOT NULL,
	`root_route_id` integer,
	`root_duration` integer NOT NULL,
	`status` integer,
	`consumer_id` integer,
	`failed` integer NOT NULL,
	`error_type` text,
	`services` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `traces_trace_id_unique` ON `traces` (`trace_id`);--> statement-breakpoint
CREATE INDEX `traces_started_at_idx` ON `traces` (`started_at`);