ALTER TABLE invitations DROP COLUMN notification_email;
