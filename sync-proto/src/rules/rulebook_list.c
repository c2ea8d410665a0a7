#include "rulebook.h"

const struct sp_roster *sp_rulebook_list_unit(
    const struct sp_rulebook *b, size_t i)
{
    return i < b->unit_count ? b->unit[i] : NULL;
}

const struct sp_person *sp_rulebook_list_person(
    const struct sp_rulebook *b, size_t i)
{
    return i < b->person_count ? b->person[i].person : NULL;
}

const struct sp_territory *sp_rulebook_list_territory(
    const struct sp_rulebook *b, size_t i)
{
    return i < b->territory_count ? b->territory[i].territory : NULL;
}

const struct sp_device *sp_rulebook_list_device(
    const struct sp_rulebook *b, size_t i)
{
    return i < b->device_count ? b->device[i] : NULL;
}

struct sp_slice sp_rulebook_list_document(const struct sp_rulebook *b, size_t i)
{
    return i < b->document_count ? b->document[i].doc.bytes
                                 : (struct sp_slice){ NULL, 0 };
}
