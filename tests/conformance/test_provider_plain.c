#include "conformance/provider_suite.h"

PROVIDER_SUITE_MAIN("conformance/provider_plain", plain_samples)
