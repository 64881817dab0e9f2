CREATE TABLE `alert_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`condition` text NOT NULL,
	`target` text NOT NULL,
	`for` integer NOT NULL,
	`keep_firing` integer NOT NULL,
	`severity` text NOT NULL,
	`owner_team` text NOT NULL,
	`runbook` text NOT NULL,
	`paused` integer NOT NULL,
	`revision` integer NOT NULL,
	`updated_by` text NOT NULL,
	`deleted_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_rules_name_idx` ON `alert_rules` (lower("name")) WHERE "alert_rules"."deleted_at" is null;--> statement-breakpoint
CREATE TABLE `alert_silences` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`match` text NOT NULL,
	`route` text,
	`from` integer NOT NULL,
	`to` integer NOT NULL,
	`weekly` integer NOT NULL,
	`zone` text NOT NULL,
	`reason` text NOT NULL,
	`author_id` text NOT NULL,
	`author` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	`ended_by` text
);
--> statement-breakpoint
CREATE INDEX `alert_silences_to_idx` ON `alert_silences` (`to`) WHERE "alert_silences"."ended_at" is null;--> statement-breakpoint
CREATE TABLE `built_in_pauses` (
	`rule` text PRIMARY KEY NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `alerts` ADD `held_back` text;--> statement-breakpoint
CREATE INDEX `alerts_held_back_idx` ON `alerts` (`started_at`) WHERE "alerts"."held_back" is not null;--> statement-breakpoint
CREATE INDEX `alerts_ended_at_idx` ON `alerts` (`ended_at`);