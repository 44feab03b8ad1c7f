#!/usr/bin/env bash
# Guess: TraceIdRatioBased decides by the trace id alone, so that services in different languages with the
# same ratio keep the same traces. A tenth of all traces is kept, each whole.
#
# What happens: each language has an arithmetic of its own. Python compares the lower 64 bits of the id with
# the ratio, as Go does; JavaScript combines all four 32-bit words by exclusive or. At 0.1 both keep a tenth,
# and have a hundredth in common: nine of ten traces that one of them keeps lack the other's spans.
#
# Versions: @opentelemetry/sdk-trace-base 2.12.1, opentelemetry-sdk (Python) 1.45.2.
# Source: sdk-trace, sampler/TraceIdRatioBasedSampler.js, `_accumulate`; opentelemetry/sdk/trace/sampling.py,
# TraceIdRatioBased. The specification, "TraceIdRatioBased", leaves the algorithm open and so allows it for
# roots only.
#
# For our users: OTEL_TRACES_SAMPLER=traceidratio on services of two languages keeps fragments. Only
# parentbased_traceidratio, as our operations page recommends, keeps a trace whole, and only if the first
# service passes its decision on. A collector that filters by ratio once more keeps another part.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"type":"module"}' >package.json
npm install --no-audit --no-fund --silent @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/api@1.9.1
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2

cat >sample.js <<'JS'
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';

const ids = Array.from({ length: 20_000 }, (_, n) => createHash('sha256').update(`${n}`).digest('hex').slice(0, 32));
const sampler = new TraceIdRatioBasedSampler(0.1);
const kept = ids.filter((id) => sampler.shouldSample(undefined, id).decision === SamplingDecision.RECORD_AND_SAMPLED);
writeFileSync('ids', ids.join('\n'));
writeFileSync('kept', kept.join('\n'));
JS
cat >sample.py <<'PY'
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased

ids = open('ids').read().split()
sampler = TraceIdRatioBased(0.1)
python = {i for i in ids if sampler.should_sample(None, int(i, 16), 'span').decision == Decision.RECORD_AND_SAMPLE}
javascript = set(open('kept').read().split())
both = javascript & python
print(f'{len(ids)} traces, ratio 0.1: JavaScript keeps {len(javascript)}, Python {len(python)}, both {len(both)}')
as_described = all(1800 < len(kept) < 2200 for kept in (javascript, python)) and 100 < len(both) < 300
print('as described' if as_described else 'NO LONGER as described')
raise SystemExit(not as_described)
PY
node sample.js
python/bin/python sample.py
