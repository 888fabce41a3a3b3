#!/usr/bin/env bash
# `npm run demo`: plays the main job on the sandbox. Needs Node and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh --demo
exec node scripts/demo.mjs "$@"
