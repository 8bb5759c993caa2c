#include "domain/part.h"
#include "base/check.h"

static const struct part_kind part_rows[] = {
#define PART(name, NAME, whole, WHOLE, member)                                                     \
    {ID_##NAME, ID_##WHOLE, offsetof(struct name, member), offsetof(struct name, listed),          \
        offsetof(struct whole, listed_at), offsetof(struct whole, listed_rank),                    \
        offsetof(struct whole, listed)},
#include "domain/aggregates.def"
};
#define PART_ROWS (sizeof part_rows / sizeof part_rows[0])

const struct part_kind *part_kind_of(enum id_kind part)
{
    for (size_t i = 0; i < PART_ROWS; i++) {
        if (part_rows[i].part == part) {
            return &part_rows[i];
        }
    }
    return NULL;
}

const struct part_kind *part_kind_in(enum id_kind whole)
{
    for (size_t i = 0; i < PART_ROWS; i++) {
        if (part_rows[i].whole == whole) {
            return &part_rows[i];
        }
    }
    return NULL;
}

static int64_t int_at(const void *record, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)record + offset);
}

static void set_int(void *record, size_t offset, int64_t value)
{
    *(int64_t *)(void *)((char *)record + offset) = value;
}

static int compare(struct stamp a, struct stamp b)
{
    int order = (a.at_us > b.at_us) - (a.at_us < b.at_us);
    return order != 0 ? order : (a.rank > b.rank) - (a.rank < b.rank);
}

static struct stamp list_stamp(const struct part_kind *row, const void *whole)
{
    return (struct stamp){int_at(whole, row->whole_at), int_at(whole, row->whole_rank)};
}

bool part_is_current(const struct part_kind *row, const void *whole, const void *part)
{
    REQUIRE(row != NULL && whole != NULL && part != NULL);
    const struct record_kind *kind = record_kind_of(row->part);
    struct stamp said = {int_at(part, kind->at.said_at), int_at(part, kind->at.said_rank)};
    int64_t listed_in = int_at(part, row->listed_in);
    int order = compare(said, list_stamp(row, whole));
    return order > 0 ||
           (order == 0 && (listed_in == 0 || listed_in == int_at(whole, row->whole_listed)));
}

void part_list_learn(const struct part_kind *row, void *whole, const struct notice *notice)
{
    REQUIRE(row != NULL && row->whole == notice->kind);
    int64_t list = notice->object_says.list;
    bool known = int_at(whole, row->whole_listed) != 0;
    if (list == 0 || (known && compare(notice->stamp, list_stamp(row, whole)) <= 0)) {
        return;
    }
    set_int(whole, row->whole_at, notice->stamp.at_us);
    set_int(whole, row->whole_rank, notice->stamp.rank);
    set_int(whole, row->whole_listed, list);
}

bool part_list_has_stamp(const struct part_kind *row, const void *whole, struct stamp stamp)
{
    REQUIRE(row != NULL && whole != NULL);
    return int_at(whole, row->whole_listed) != 0 && compare(stamp, list_stamp(row, whole)) == 0;
}

void part_list_settle(const struct part_kind *row, void *whole, int64_t list)
{
    REQUIRE(row != NULL && whole != NULL);
    REQUIRE(list != 0);
    set_int(whole, row->whole_listed, list);
}
