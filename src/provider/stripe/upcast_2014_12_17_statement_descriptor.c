#include "provider/stripe/upcaster.h"

const struct json *upcast_statement_descriptor(
    const struct json *object, const struct upcasting *upcasting)
{
    return upcast_move(
        object, STR("statement_description"), STR("statement_descriptor"), upcasting);
}
