CREATE TABLE `alert_states` (
	`rule` text NOT NULL,
	`subject_key` text NOT NULL,
	`subject` text,
	`state` text NOT NULL,
	`since` integer NOT NULL,
	`held_since` integer,
	`clear_since` integer,
	`episode` integer NOT NULL,
	`alert_id` text,
	`reason` text,
	PRIMARY KEY(`rule`, `subject_key`),
	FOREIGN KEY (`alert_id`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`rule` text NOT NULL,
	`origin` text NOT NULL,
	`subject_key` text NOT NULL,
	`subject` text NOT NULL,
	`episode` integer NOT NULL,
	`severity` text NOT NULL,
	`onset` integer NOT NULL,
	`started_at` integer NOT NULL,
	`last_fired_at` integer NOT NULL,
	`ended_at` integer,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_episode_idx` ON `alerts` (`rule`,`subject_key`,`episode`);--> statement-breakpoint
CREATE INDEX `alerts_open_idx` ON `alerts` (`started_at`) WHERE "alerts"."ended_at" is null;--> statement-breakpoint
CREATE INDEX `alerts_started_at_idx` ON `alerts` (`started_at`);--> statement-breakpoint
CREATE TABLE `evaluation_leases` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text,
	`fence` integer NOT NULL,
	`beat` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `evaluation_slots` (
	`tier` text PRIMARY KEY NOT NULL,
	`slot` integer NOT NULL
);
