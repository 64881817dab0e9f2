-- Whoever is told that an incident opens is told of reports, too.
UPDATE `notification_routes` SET `events` = json_insert(`events`, '$[#]', 'reported')
WHERE EXISTS (SELECT 1 FROM json_each(`events`) WHERE `value` = 'opened') AND NOT EXISTS (SELECT 1 FROM json_each(`events`) WHERE `value` = 'reported');
