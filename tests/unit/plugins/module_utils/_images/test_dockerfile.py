# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image below is found as Docker's own builder finds it."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._images.dockerfile import find_base

BASES = {
    "one stage": ("FROM node:22\nRUN x", None, {}, "node:22"),
    "in small letters": ("from node:22 as app", None, {}, "node:22"),
    "the last of several stages": ("FROM node:22 AS build\nFROM nginx:1\nCOPY --from=build /a /b", None, {}, "nginx:1"),
    "a target": ("FROM node:22 AS build\nFROM nginx:1", "build", {}, "node:22"),
    "a target by its number": ("FROM node:22\nFROM nginx:1", "0", {}, "node:22"),
    "a stage upon another": ("FROM node:22 AS base\nFROM base AS build\nFROM build", None, {}, "node:22"),
    "a stage in other letters": ("FROM node:22 AS Base\nFROM bASE", None, {}, "node:22"),
    "a stage that is called as its image": ("FROM node AS node\nRUN x", None, {}, "node"),
    "the later one of two stages of a name": ("FROM a:1 AS x\nFROM b:1 AS x\nFROM x", None, {}, "b:1"),
    "a digest": ("FROM node:22@sha256:" + "a" * 64, None, {}, "node:22@sha256:" + "a" * 64),
    "a variable": ("ARG VERSION=22\nFROM node:${VERSION}-slim", None, {}, "node:22-slim"),
    "a variable that the build gives": ("ARG VERSION=22\nFROM node:$VERSION", None, {"VERSION": "24"}, "node:24"),
    "a variable in a variable": ('ARG V=22\nARG I="node:${V}"\nFROM $I', None, {}, "node:22"),
    "a variable with a default": ("ARG V\nFROM node:${V:-20}", None, {}, "node:20"),
    "a variable with another word": ("ARG V=1\nFROM node${V:+-slim}:1", None, {}, "node-slim:1"),
    "several variables at once": ("ARG A=node B=22\nFROM $A:$B", None, {}, "node:22"),
    "a variable of a stage": ("ARG V=22\nFROM node:$V AS a\nARG V=9\nFROM a", None, {}, "node:22"),
    "comments and empty lines": ("# FROM a\n\n  # FROM b\nFROM node:22\n# FROM c", None, {}, "node:22"),
    "a line that goes on": ("FROM \\\n  # a comment within\n  node:22 \\\n  AS a", None, {}, "node:22"),
    "another sign for that": ("# syntax=docker/dockerfile:1\n# escape=`\nFROM `\nnode:22", None, {}, "node:22"),
    "words of a here-document": ("FROM node:22\nRUN <<EOF\nFROM nginx:1\nEOF\nCMD x", None, {}, "node:22"),
    "two here-documents": ("FROM a:1\nCOPY <<A <<-'B' /x/\nFROM b\nA\nFROM c\n\tB\nRUN y", None, {}, "a:1"),
    "FROM in a command": ("FROM node:22\nRUN psql -c 'SELECT 1 \\\nFROM t'", None, {}, "node:22"),
    "nothing": ("FROM scratch\nCOPY a /", None, {}, "scratch"),
    "Windows' line ends": ("FROM node:22\r\nRUN x\r\n", None, {}, "node:22"),
}


@pytest.mark.parametrize(("text", "target", "arguments", "image"), BASES.values(), ids=BASES)
def test_the_image_below(text: str, target: str | None, arguments: dict[str, str], image: str) -> None:
    assert find_base(text, target, arguments).image == image


PLATFORMS = {
    "named": ("FROM --platform=linux/arm64 node:22", "linux/arm64"),
    "the builder's": ("FROM --platform=$BUILDPLATFORM node:22", None),
    "of a stage between": ("FROM node:22 AS a\nFROM --platform=linux/amd64 a", "linux/amd64"),
    "none": ("FROM node:22", None),
}


@pytest.mark.parametrize(("text", "platform"), PLATFORMS.values(), ids=PLATFORMS)
def test_the_platform(text: str, platform: str | None) -> None:
    assert find_base(text).platform == platform


REFUSED = {
    "no FROM": ("RUN x", None, "no FROM"),
    "no such target": ("FROM a", "b", "no stage b"),
    "a variable that nobody fills in": ("FROM node:$VERSION", None, "variable"),
    "a variable that is empty": ("ARG IMAGE\nFROM $IMAGE", None, "variable"),
}


@pytest.mark.parametrize(("text", "target", "said"), REFUSED.values(), ids=REFUSED)
def test_what_names_no_image(text: str, target: str | None, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        find_base(text, target)
