ALTER TABLE usage_totals DROP COLUMN counted_from;
