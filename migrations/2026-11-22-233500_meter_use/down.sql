DROP TABLE usage_days;
ALTER TABLE organizations DROP COLUMN stopped_items;
DROP TABLE usage_limits;
DROP TABLE usage_totals;
DROP TABLE usage_reports;
