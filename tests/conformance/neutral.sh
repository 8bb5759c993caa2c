#!/bin/bash
# The domain, the ledger and the flow name no provider, not even in a comment.   neutral.sh SOURCE_ROOT
set -euo pipefail
cd "$1/src"
if [ ! -f domain/notice.h ] || [ ! -f flow/project.h ] || [ ! -f ledger/chart.h ]; then
    echo "neutral: there is no domain, no ledger and no flow below $PWD"
    exit 1
fi
if grep -rniE 'stripe' domain ledger flow store/refs.h base/limits.h; then
    echo "neutral: say it in words of the domain; what belongs to one provider goes below src/provider"
    exit 1
fi
