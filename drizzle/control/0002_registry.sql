CREATE TABLE `changes` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`service` text NOT NULL,
	`version` text,
	`key` text,
	`old_value` text,
	`new_value` text,
	`author` text,
	`source` text NOT NULL,
	`digest` text NOT NULL,
	`at` integer NOT NULL,
	`received_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `changes_digest_unique` ON `changes` (`digest`);--> statement-breakpoint
CREATE INDEX `changes_at_idx` ON `changes` (`at`);--> statement-breakpoint
CREATE INDEX `changes_service_version_idx` ON `changes` (`service`,`version`);--> statement-breakpoint
CREATE TABLE `consumers` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`contact` text DEFAULT '' NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`first_seen_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `endpoint_revisions` (
	`endpoint_id` text NOT NULL,
	`number` integer NOT NULL,
	`kind` text NOT NULL,
	`restored_from` integer,
	`lifecycle` text NOT NULL,
	`sunset` text,
	`fields` text NOT NULL,
	`author_id` text,
	`author_name` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`endpoint_id`, `number`),
	FOREIGN KEY (`endpoint_id`) REFERENCES `endpoints`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `endpoint_revisions_at_idx` ON `endpoint_revisions` (`at`);--> statement-breakpoint
CREATE TABLE `endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`service` text NOT NULL,
	`method` text NOT NULL,
	`template` text NOT NULL,
	`route_key` text NOT NULL,
	`version` text NOT NULL,
	`name_ko` text NOT NULL,
	`name_en` text NOT NULL,
	`description` text NOT NULL,
	`owner_team` text NOT NULL,
	`contact` text NOT NULL,
	`tags` text NOT NULL,
	`repeat_safe` text NOT NULL,
	`latency_objective` integer,
	`error_degraded` real,
	`error_critical` real,
	`availability_objective` real NOT NULL,
	`lifecycle` text NOT NULL,
	`sunset` text,
	`lifecycle_since` integer NOT NULL,
	`went_live_at` integer,
	`revision` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`service`) REFERENCES `services`(`name`) ON UPDATE no action ON DELETE restrict
);
--> statement-breakpoint
CREATE UNIQUE INDEX `endpoints_live_route_idx` ON `endpoints` (`service`,`method`,`route_key`) WHERE "endpoints"."lifecycle" in ('active', 'deprecated');--> statement-breakpoint
CREATE INDEX `endpoints_service_method_route_key_idx` ON `endpoints` (`service`,`method`,`route_key`);--> statement-breakpoint
CREATE TABLE `ignored_routes` (
	`service` text NOT NULL,
	`method` text NOT NULL,
	`route_key` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`service`, `method`, `route_key`)
);
--> statement-breakpoint
CREATE TABLE `services` (
	`name` text PRIMARY KEY NOT NULL,
	`display` text NOT NULL,
	`namespace` text,
	`colour` integer NOT NULL,
	`owner_team` text DEFAULT '' NOT NULL,
	`contact` text DEFAULT '' NOT NULL,
	`latency_threshold` integer,
	`first_seen_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
