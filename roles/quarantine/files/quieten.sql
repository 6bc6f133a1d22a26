-- Copyright: (c) 2026, chatbot.ops contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- n8n's workflows, inactive before n8n starts on them: the variables schema and prefix say where they are, keep (JSON) names
-- those that stay as they are, by id or name. n8n 1.x asks for active, late 1.x and 2.x for "activeVersionId".
SELECT format(
    'UPDATE %I.%I SET %s WHERE NOT (id::text IN (SELECT jsonb_array_elements_text(%L::jsonb))'
    ' OR name IN (SELECT jsonb_array_elements_text(%L::jsonb)))',
    table_schema, table_name,
    string_agg(format('%I = %s', column_name, CASE column_name WHEN 'active' THEN 'false' ELSE 'NULL' END), ', '),
    :'keep', :'keep'
)
FROM information_schema.columns
WHERE table_schema = :'schema' AND table_name = :'prefix' || 'workflow_entity'
    AND column_name IN ('active', 'activeVersionId')
GROUP BY table_schema, table_name
\gexec
SELECT format(
    'DELETE FROM %1$I.%2$I WHERE "workflowId"::text IN (SELECT id::text FROM %1$I.%3$I WHERE NOT active)',
    table_schema, table_name, :'prefix' || 'workflow_entity'
)
FROM information_schema.tables
WHERE table_schema = :'schema' AND table_name = :'prefix' || 'webhook_entity'
\gexec
