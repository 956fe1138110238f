-- copies of the property :home with its only station: :properties of them with 10 stations each, for PostgreSQL
CREATE TEMPORARY TABLE made_properties AS
SELECT n, gen_random_uuid() AS id FROM generate_series(1, :properties) AS numbers (n);

CREATE TEMPORARY TABLE made_stations AS
SELECT p.n AS property, numbers.n, p.id AS account_id, gen_random_uuid() AS id
FROM made_properties p, generate_series(1, 10) AS numbers (n);

INSERT INTO accounts
SELECT (jsonb_populate_record(NULL::accounts, to_jsonb(o) || jsonb_build_object(
  'id', p.id, 'name', 'Haus ' || p.n, 'code', lpad(p.n::text, 16, 'A')))).*
FROM accounts o, made_properties p WHERE o.id = :home;

INSERT INTO account_lineage SELECT id, id FROM made_properties UNION ALL SELECT id, :master FROM made_properties;

INSERT INTO grants
SELECT (jsonb_populate_record(NULL::grants, to_jsonb(o) || jsonb_build_object(
  'id', gen_random_uuid(), 'account_id', p.id))).*
FROM grants o, made_properties p WHERE o.account_id = :home;

CREATE TEMPORARY TABLE one AS SELECT id FROM stations;

INSERT INTO stations
SELECT (jsonb_populate_record(NULL::stations, to_jsonb(o) || jsonb_build_object(
  'id', s.id, 'account_id', s.account_id, 'identity', 'B' || s.property || '-' || s.n,
  'last_seen_at', CASE WHEN s.property % 17 = s.n THEN NULL ELSE now() END))).*
FROM stations o JOIN one ON one.id = o.id, made_stations s;

INSERT INTO connectors
SELECT (jsonb_populate_record(NULL::connectors, to_jsonb(o) || jsonb_build_object(
  'id', gen_random_uuid(), 'account_id', s.account_id, 'station_id', s.id, 'code', NULL,
  'status', CASE WHEN (s.property + s.n) % 50 = 0 THEN 'Faulted' ELSE 'Available' END))).*
FROM connectors o JOIN one ON one.id = o.station_id, made_stations s;

CREATE TEMPORARY TABLE made_sessions AS
SELECT s.*, c.id AS connector_id, row_number() OVER () AS number,
  now() - (k * 13 + s.n % 10) * interval '1 day' AS at
FROM made_stations s JOIN connectors c ON c.station_id = s.id AND c.number = 1, generate_series(0, 3) AS numbers (k);

INSERT INTO sessions (id, account_id, station_id, connector_id, transaction_id, start_key, kind, state, id_tag,
  started_at, ended_at, arrived_at, meter_start_wh, last_wh, last_at, energy_wh, offline, estimated)
SELECT gen_random_uuid(), account_id, id, connector_id, number, number::text, 'paid', 'ended', 'X',
  at, at, at, 0, 9000, at, 9000, false, false
FROM made_sessions;

CREATE TEMPORARY TABLE made_entries AS
SELECT gen_random_uuid() AS id, account_id, number, at, 500 + property AS amount FROM made_sessions;

INSERT INTO ledger_entries (id, account_id, business_key, currency, booked_at)
SELECT id, account_id, number::text, 'CHF', at FROM made_entries;

INSERT INTO ledger_postings (id, entry_id, account_id, ledger_account, currency, amount_minor)
SELECT gen_random_uuid(), id, account_id, kind, 'CHF', amount * sign
FROM made_entries, (VALUES ('provider_soon', 10), ('revenue', -9), ('vat', -1)) AS side (kind, sign);

INSERT INTO doubts (id, account_id, station_id, at, doubt, action, detail)
SELECT gen_random_uuid(), account_id, id, now(), 'clock_wrong', 'MeterValues', ''
FROM made_stations WHERE property % 10 = 0 AND n = 1
