DROP TABLE usage_days;
DROP TABLE usage_totals;
DROP TABLE usage_reports;
