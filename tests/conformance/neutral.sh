#!/bin/bash
# The domain and the flow name no provider, not even in a comment.   neutral.sh SOURCE_ROOT
set -euo pipefail
cd "$1/src"
if [ ! -f domain/notice.h ] || [ ! -f flow/project.h ]; then
    echo "neutral: there is no domain and no flow below $PWD"
    exit 1
fi
if grep -rniE 'stripe' domain flow; then
    echo "neutral: say it in words of the domain; what belongs to one provider goes below src/provider"
    exit 1
fi
