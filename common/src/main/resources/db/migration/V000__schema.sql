-- The schema itself is made by the migration run; this is its first version, so that an empty build has a history.
COMMENT ON SCHEMA penstock IS 'Penstock: keys, lasting cache tier, alerts, roll-ups. Changed by migrations only.';
