-- A change of plan charges what was used so far by the plan that was, and counting begins anew.

ALTER TABLE usage_totals ADD COLUMN counted_from timestamptz;
COMMENT ON COLUMN usage_totals.counted_from IS 'Since when it counts, where what was used earlier in the month is charged already; null: since the month began.';
