-- What a person is told of a request, a receipt that turns out earlier, and kept answers without an address.
--
-- Why: Article 12(3) and (4) have a person told of an extension and a refusal, which is now a step of the request; a request that
-- had come earlier than was known is due earlier, and its receipt moves back and never forward. Answers that are kept for an
-- Idempotency-Key had the address of a request's person in them, and a digest from which it could be guessed; both outlived an
-- erasure, so what is kept goes. A client that sends again across this migration has it done again.
-- Locks: idempotency and letter for a moment; subject_request_step while its rows are looked through once.

alter table subject_request_step drop constraint subject_request_step_step_check, add constraint subject_request_step_step_check
    check (step in ('received', 'asked-again', 'received-earlier', 'identity-asked', 'identified', 'extended', 'refused', 'done',
        'told', 'to-be-told'));

-- When a request came is evidence: who serves can move it back alone.
create function receive_earlier(request bigint, earlier timestamptz, due timestamptz) returns boolean
language plpgsql security definer set search_path = maysend as $$
begin
    update subject_request set received_at = earlier, due_at = due
    where id = request and controller_id = current_controller() and received_at > earlier and closed_at is null;
    return found;
end $$;
revoke execute on function receive_earlier from public;
grant execute on function receive_earlier to maysend_write;

truncate idempotency;

-- What waits for a person: an erasure says so.
create index letter_person on letter (controller_id, address_key) where state = 'waiting';
