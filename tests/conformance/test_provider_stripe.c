#include "conformance/provider_suite.h"

PROVIDER_SUITE_MAIN("conformance/provider_stripe", stripe_samples)
