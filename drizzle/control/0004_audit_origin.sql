ALTER TABLE `audit_entries` ADD `origin` text;--> statement-breakpoint
CREATE INDEX `audit_entries_at_idx` ON `audit_entries` (`at`);