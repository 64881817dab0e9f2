CREATE TABLE `incident_alerts` (
	`alert_id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`rule` text NOT NULL,
	`origin` text NOT NULL,
	`subject_key` text NOT NULL,
	`subject` text NOT NULL,
	`severity` text NOT NULL,
	`onset` integer NOT NULL,
	`started_at` integer NOT NULL,
	`last_fired_at` integer NOT NULL,
	`ended_at` integer,
	`reason` text NOT NULL,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `incident_alerts_incident_id_idx` ON `incident_alerts` (`incident_id`);--> statement-breakpoint
CREATE INDEX `incident_alerts_rule_subject_key_idx` ON `incident_alerts` (`rule`,`subject_key`,`started_at`);--> statement-breakpoint
CREATE TABLE `incident_consumers` (
	`incident_id` text NOT NULL,
	`consumer` text NOT NULL,
	`failed` real NOT NULL,
	`slow` real,
	`total` real NOT NULL,
	`first_at` integer,
	`last_at` integer,
	`told` text NOT NULL,
	`told_by` text,
	`told_at` integer,
	`told_note` text NOT NULL,
	PRIMARY KEY(`incident_id`, `consumer`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `incident_consumers_consumer_idx` ON `incident_consumers` (`consumer`);--> statement-breakpoint
CREATE TABLE `incident_evidence` (
	`incident_id` text NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`summary` text NOT NULL,
	`bytes` blob NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`incident_id`, `kind`, `key`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `incident_symptoms` (
	`incident_id` text NOT NULL,
	`service` text NOT NULL,
	`operation` text NOT NULL,
	`remote` text NOT NULL,
	`method` text NOT NULL,
	`route_key` text NOT NULL,
	`source` text NOT NULL,
	PRIMARY KEY(`incident_id`, `service`, `operation`, `remote`, `method`, `route_key`),
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `incident_symptoms_service_idx` ON `incident_symptoms` (`service`,`method`,`route_key`);--> statement-breakpoint
CREATE TABLE `incident_timeline` (
	`id` text PRIMARY KEY NOT NULL,
	`incident_id` text NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`detail` text,
	`text` text,
	`ko` text,
	`en` text,
	`by_id` text,
	`by_name` text,
	`change` text,
	FOREIGN KEY (`incident_id`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `incident_timeline_incident_id_at_idx` ON `incident_timeline` (`incident_id`,`at`);--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`revision` integer NOT NULL,
	`decision` integer NOT NULL,
	`status` text NOT NULL,
	`severity` text NOT NULL,
	`worst` text NOT NULL,
	`title` text NOT NULL,
	`onset` integer NOT NULL,
	`detected_at` integer NOT NULL,
	`opened_at` integer NOT NULL,
	`acknowledged_at` integer,
	`acknowledged_by` text,
	`assignee_id` text,
	`assignee_name` text,
	`resolved_at` integer,
	`resolved_by` text,
	`cause` text,
	`cause_by` text,
	`diagnosis_right` integer,
	`merged_into` text,
	`reopened` integer NOT NULL,
	`held_open` integer DEFAULT false NOT NULL,
	`next_update_at` integer,
	`diagnosis` text,
	`diagnoses` integer NOT NULL,
	`next_diagnosis_at` integer,
	`culprit_key` text,
	`culprit_type` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`merged_into`) REFERENCES `incidents`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `incidents_number_unique` ON `incidents` (`number`);--> statement-breakpoint
CREATE INDEX `incidents_status_opened_at_idx` ON `incidents` (`status`,`opened_at`);--> statement-breakpoint
CREATE INDEX `incidents_onset_idx` ON `incidents` (`onset`);--> statement-breakpoint
CREATE INDEX `incidents_culprit_key_idx` ON `incidents` (`culprit_key`);