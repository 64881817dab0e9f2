CREATE TABLE `notices` (
	`id` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`kind` text NOT NULL,
	`incident_id` text,
	`number` integer,
	`severity` text NOT NULL,
	`title` text NOT NULL,
	`facts` text NOT NULL,
	`services` text NOT NULL,
	`endpoint_ids` text NOT NULL,
	`consumers` text NOT NULL,
	`path` text NOT NULL,
	`at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notices_key_unique` ON `notices` (`key`);--> statement-breakpoint
CREATE INDEX `notices_created_at_idx` ON `notices` (`created_at`);--> statement-breakpoint
CREATE TABLE `notification_attempts` (
	`message_id` text NOT NULL,
	`number` integer NOT NULL,
	`at` integer NOT NULL,
	`took` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`answer` text NOT NULL,
	PRIMARY KEY(`message_id`, `number`),
	FOREIGN KEY (`message_id`) REFERENCES `notification_messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `notification_channels` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`url` text,
	`recipients` text NOT NULL,
	`secret` text,
	`previous_secret` text,
	`previous_secret_until` integer,
	`language` text NOT NULL,
	`zone` text NOT NULL,
	`wording` text NOT NULL,
	`enabled` integer NOT NULL,
	`gone_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notification_channels_name_unique` ON `notification_channels` (`name`);--> statement-breakpoint
CREATE TABLE `notification_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`notice_id` text NOT NULL,
	`destination` text NOT NULL,
	`channel_id` text,
	`user_id` text,
	`held_until` integer,
	`message_id` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`notice_id`) REFERENCES `notices`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`channel_id`) REFERENCES `notification_channels`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`message_id`) REFERENCES `notification_messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notification_deliveries_notice_destination_idx` ON `notification_deliveries` (`notice_id`,`destination`);--> statement-breakpoint
CREATE INDEX `notification_deliveries_message_id_idx` ON `notification_deliveries` (`message_id`);--> statement-breakpoint
CREATE TABLE `notification_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`destination` text NOT NULL,
	`channel_id` text,
	`user_id` text,
	`recipient` text NOT NULL,
	`state` text NOT NULL,
	`first_attempt_at` integer,
	`next_at` integer NOT NULL,
	`finished_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`channel_id`) REFERENCES `notification_channels`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `notification_messages_state_next_at_idx` ON `notification_messages` (`state`,`next_at`);--> statement-breakpoint
CREATE INDEX `notification_messages_destination_idx` ON `notification_messages` (`destination`,`finished_at`);--> statement-breakpoint
CREATE INDEX `notification_messages_created_at_idx` ON `notification_messages` (`created_at`);--> statement-breakpoint
CREATE TABLE `notification_routes` (
	`id` text PRIMARY KEY NOT NULL,
	`channel_id` text,
	`user_id` text,
	`severity` text NOT NULL,
	`teams` text,
	`events` text NOT NULL,
	`quiet_from` text,
	`quiet_to` text,
	`zone` text NOT NULL,
	`critical_pierces` integer NOT NULL,
	`enabled` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`channel_id`) REFERENCES `notification_channels`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `notification_routes_channel_id_idx` ON `notification_routes` (`channel_id`);--> statement-breakpoint
CREATE INDEX `notification_routes_user_id_idx` ON `notification_routes` (`user_id`);