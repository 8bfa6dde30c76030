ALTER TABLE organizations DROP COLUMN modules;
DROP TABLE subscription_modules;
