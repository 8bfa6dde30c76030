ALTER TABLE invitations ADD COLUMN notification_email text COLLATE "C";
COMMENT ON COLUMN invitations.notification_email IS
    'Where its mail goes instead; null for the invited address. Its link is of the copied kind, as it proves another mailbox.';
