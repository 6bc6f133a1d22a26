# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof check that runs inside a transaction, before it commits. Pure: SQL text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import literal

#: What the check says when the content is not what it should be.
UNEQUAL = "the content is not what the manifest claims"

_FOUND = "current_setting('chatbot_ops.found')"


def check_script(claimed: Mapping[str, Any], scope: Scope) -> str:
    """Return the script that prints the found proof as one line of JSON, and fails unless it is ``claimed``.

    It runs the same queries as proof.find_proof, and judges by the same rules as proof.compare.
    """
    return f"{_measure(scope)}\nSELECT {_FOUND};\n{_judge(claimed)}"


def _measure(scope: Scope) -> str:
    large_objects = f"""
      FOR item IN {catalog.large_objects()} LOOP
        found := found || jsonb_build_object(
          'large_objects', jsonb_build_object('count', item.count, 'digest', item.digest));
      END LOOP;"""
    return f"""
    DO $chatbot_ops$
    DECLARE
      item record;
      row_count bigint;
      digest text;
      last_value bigint;
      is_called boolean;
      found jsonb;
      tables jsonb := '{{}}';
      sequences jsonb := '{{}}';
    BEGIN
      PERFORM FROM ({catalog.settings(local=True)}) s;
      found := ({catalog.inventory(scope)})::jsonb || jsonb_build_object('algorithm', ({catalog.ALGORITHM}));
      FOR item IN {catalog.tables(scope)} LOOP
        EXECUTE item.query INTO row_count, digest;
        tables := tables || jsonb_build_object(
          item.title, jsonb_build_object('rows', row_count, 'digest', digest));
      END LOOP;
      FOR item IN {catalog.sequences(scope)} LOOP
        EXECUTE item.query INTO item.title, item.increment, last_value, is_called;
        sequences := sequences || jsonb_build_object(item.title, jsonb_build_array(last_value, is_called));
      END LOOP;{large_objects if scope.whole else ""}
      found := found || jsonb_build_object('tables', tables, 'sequences', sequences);
      PERFORM set_config('chatbot_ops.found', found::text, true);
    END
    $chatbot_ops$;"""


def _judge(claimed: Mapping[str, Any]) -> str:
    return f"""
    DO $chatbot_ops$
    DECLARE
      claimed jsonb := {literal(json.dumps(claimed))};
      found jsonb := {_FOUND};
    BEGIN
      IF claimed - 'sequences' <> found - 'sequences' OR EXISTS (
        SELECT
        FROM jsonb_each(claimed -> 'sequences') c (title, claim)
        FULL JOIN jsonb_each(found -> 'sequences') f (title, value) USING (title),
        LATERAL (SELECT CASE WHEN (claim #>> '{{to,0}}')::bigint < (claim #>> '{{from,0}}')::bigint
                             THEN -1 ELSE 1 END) s (sign)
        WHERE claim IS NULL OR value IS NULL OR claim <> 'null' AND NOT (
          (sign * (value ->> 0)::numeric, (value ->> 1)::boolean)
          BETWEEN (sign * (claim #>> '{{from,0}}')::numeric, (claim #>> '{{from,1}}')::boolean)
              AND (sign * (claim #>> '{{to,0}}')::numeric, (claim #>> '{{to,1}}')::boolean))
      ) THEN
        RAISE EXCEPTION '{UNEQUAL}';
      END IF;
    END
    $chatbot_ops$;
    """
