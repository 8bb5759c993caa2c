#include "unit/flow/lives_tell.h"

static void tell_customer(
    struct world *world, struct teller *teller, int64_t created, const char *type)
{
    static const char *const names[] = {"Ann", "Bea", "Cat"};
    teller->step++;
    struct str object = text(world,
        "{'id':'" STR_FMT "','object':'customer','created':%" PRId64
        ",'name':'%s','metadata':{'step':'%u'},'discount':" STR_FMT "}",
        STR_ARG(teller->id), created, names[test_random_below(world->chance, 3)], teller->step,
        STR_ARG(world->discount.len == 0 ? STR("null") : world->discount));
    tell(world, teller, type, object, NULL);
}

static const struct {
    void (*live)(struct world *world);
    const char *words;
} kinds[] = {
#define LIFE(NAME, name, words) [LIFE_##NAME] = {live_##name, words},
#include "unit/flow/lives.def"
};

const char *life_kind_words(enum life_kind kind)
{
    return kinds[kind].words;
}

void life_generate(struct life *life, uint32_t number, uint64_t *chance, struct arena *arena)
{
    *life = (struct life){.count = 0};
    struct world world = {.life = life,
        .arena = arena,
        .chance = chance,
        .number = number,
        .second = 1790000000 + (int64_t)test_random_below(chance, 1000),
        .haste = 30 * test_random_below(chance, 4)};
    struct teller customer = {.id = new_id(&world, ID_CUSTOMER, "cus")};
    int64_t created = world.second;
    world.customer = customer.id;
    tell_customer(&world, &customer, created, "customer.created");
    uint64_t orders = 1 + test_random_below(chance, 3);
    for (uint64_t i = 0; i < orders; i++) {
        uint32_t kind = (uint32_t)test_random_below(chance, LIFE_KIND_COUNT);
        pass_time(&world);
        kinds[kind].live(&world);
        life->kinds[kind]++;
        while (likely(&world, 30)) {
            tell_customer(&world, &customer, created, "customer.updated");
        }
    }
    if (likely(&world, 10)) {
        tell_customer(&world, &customer, created, "customer.deleted");
    }
}
