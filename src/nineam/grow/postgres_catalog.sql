-- The catalog as nineam needs it; one statement per name.

-- name: tables
SELECT c.oid, n.nspname, c.relname, c.relkind::text,
       EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '3')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname

-- name: columns
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END,
       CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
       NOT a.attnotnull, a.attgenerated <> ''
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = ANY (%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum

-- name: uniques
SELECT coalesce(pg_partition_root(i.indrelid), i.indrelid)::oid, c.relname, i.indisprimary,
       (SELECT array_agg(pg_get_indexdef(i.indexrelid, p, true) ORDER BY p) FROM generate_series(1, i.indnkeyatts) p)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE (i.indisunique OR i.indisexclusion) AND coalesce(pg_partition_root(i.indrelid), i.indrelid)::oid = ANY (%s)
ORDER BY i.indisprimary DESC, c.relname

-- name: leading
SELECT coalesce(pg_partition_root(i.indrelid), i.indrelid)::oid, a.attname::text
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam AND m.amname IN ('btree', 'hash')
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE coalesce(pg_partition_root(i.indrelid), i.indrelid)::oid = ANY (%s)

-- name: references
SELECT coalesce(pg_partition_root(k.conrelid), k.conrelid)::oid, coalesce(pg_partition_root(k.confrelid), k.confrelid)::oid,
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.conkey) WITH ORDINALITY p (number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.number),
       (SELECT array_agg(a.attname::text ORDER BY p.place) FROM unnest(k.confkey) WITH ORDINALITY p (number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.number)
FROM pg_constraint k
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY k.conname

-- name: foreign_constraints
SELECT k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
WHERE k.contype = 'f' AND k.conparentid = 0
  AND (coalesce(pg_partition_root(k.conrelid), k.conrelid)::regclass::text = ANY (%(tables)s)
       OR coalesce(pg_partition_root(k.confrelid), k.confrelid)::regclass::text = ANY (%(tables)s))
ORDER BY k.conname

-- name: key_constraints
SELECT k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype IN ('p', 'u', 'x') AND c.relkind = 'r' AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = k.conindid AND (i.indisreplident OR i.indisclustered))
  AND k.conrelid::regclass::text = ANY (%(tables)s)
ORDER BY k.contype = 'p' DESC, k.conname

-- name: indexes
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relkind = 'r' AND NOT c.relispartition AND NOT i.indisreplident AND NOT i.indisclustered
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
  AND i.indrelid::regclass::text = ANY (%(tables)s)
ORDER BY 1

-- name: triggers
SELECT t.tgrelid::regclass::text, t.tgname, t.tgenabled::text
FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
  AND coalesce(pg_partition_root(t.tgrelid), t.tgrelid)::regclass::text = ANY (%(tables)s)
ORDER BY t.tgname

-- name: sequences
SELECT DISTINCT s.oid::regclass::text, a.attrelid::regclass::text, a.attname
FROM pg_class s
JOIN pg_depend d ON s.relkind = 'S'
  AND ((d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i'))
       OR (d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid))
LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
JOIN pg_attribute a ON a.attrelid = coalesce(f.adrelid, d.refobjid) AND a.attnum = coalesce(f.adnum, d.refobjsubid)

-- name: views
SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid

-- name: sessions
SELECT pid, coalesce(nullif(application_name, ''), 'unnamed'), coalesce(host(client_addr), 'local socket'), state
FROM pg_stat_activity
WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'
ORDER BY pid

-- name: rights
SELECT r.rolname, r.rolsuper, r.rolcreatedb, d.datdba = r.oid OR r.rolsuper OR pg_has_role(r.oid, d.datdba, 'MEMBER'),
       pg_database_size(d.oid), shobj_description(d.oid, 'pg_database')
FROM pg_roles r, pg_database d
WHERE r.rolname = current_user AND d.datname = current_database()

-- name: clones
SELECT d.datname, coalesce(shobj_description(d.oid, 'pg_database'), 'nineam: half made')
FROM pg_database d
WHERE shobj_description(d.oid, 'pg_database') LIKE 'nineam: %%'
   OR (shobj_description(d.oid, 'pg_database') IS NULL AND d.datconnlimit = %s AND d.datname LIKE '%%\_part')
ORDER BY d.datname

-- name: settings
SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)
FROM pg_db_role_setting s, unnest(s.setconfig) one
WHERE s.setrole = 0 AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: definitions
SELECT 'constraint', n.nspname, c.relname, k.conname, k.contype::text, k.conkey::text, f.relname, k.confkey::text,
       k.confdeltype::text || k.confupdtype::text, k.condeferrable, k.condeferred, k.convalidated,
       pg_get_expr(k.conbin, k.conrelid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE k.conparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'index', n.nspname, t.relname, i.relname, pg_get_indexdef(x.indexrelid), NULL, NULL, NULL, NULL, x.indisvalid,
       x.indisunique, x.indisprimary, NULL
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'trigger', n.nspname, c.relname, t.tgname, t.tgenabled::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal

-- name: checks
SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid = %(table)s::regclass
UNION ALL
SELECT quote_ident(a.attname) || ' IN (' || string_agg(quote_literal(e.enumlabel), ', ') || ')'
FROM pg_attribute a
JOIN pg_enum e ON e.enumtypid = a.atttypid
WHERE a.attrelid = %(table)s::regclass AND NOT a.attisdropped
GROUP BY a.attname
UNION ALL
SELECT replace(pg_get_constraintdef(k.oid), 'VALUE', quote_ident(a.attname))
FROM pg_attribute a
JOIN pg_constraint k ON k.contypid = a.atttypid
WHERE a.attrelid = %(table)s::regclass AND NOT a.attisdropped AND k.contype = 'c'
