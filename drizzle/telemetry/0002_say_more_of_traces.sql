ALTER TABLE `trace_services` ADD `remotes` text DEFAULT ',' NOT NULL;--> statement-breakpoint
ALTER TABLE `trace_services` ADD `error_ended_at` integer;--> statement-breakpoint
ALTER TABLE `traces` ADD `error_ended_at` integer;