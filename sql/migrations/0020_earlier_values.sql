-- What lists replaced in a contact can be forgotten when the person has it corrected.
--
-- Why: Article 16. import_before keeps what a contact was before an import changed it, so that the import can be taken back; a
-- rectification corrects the contact, after which nothing of it can be taken back, and what was wrong must not stay.
-- Locks: nothing that is in use. The rows of those who had their data corrected before are looked for once and deleted.
grant delete on import_before to maysend_write;

delete from import_before b using contact c
where c.controller_id = b.controller_id and c.address_key = b.address_key and c.updated_at > b.changed_at
    and exists (
        select from ledger l
        where l.holder_id = b.controller_id and l.address_key = b.address_key and l.act = 'rectified'
            and l.recorded_at >= b.changed_at
    );
