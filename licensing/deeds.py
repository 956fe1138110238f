"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "add_stations": word("Licences for more stations bought"),
    "cancel_subscription": word("Subscription cancelled"),
    "card_payment_ended": word("Card payment of an invoice ended"),
    "card_payment_held": word("Card payment of an invoice reserved"),
    "card_payment_opened": word("Card payment of an invoice begun"),
    "card_payment_taken": word("Invoice paid by card"),
    "change_interval": word("Interval of the subscription changed"),
    "close_period": word("Licence period closed"),
    "credit_invoice": word("Licence invoice credited"),
    "end_free_period": word("Free licence period ended"),
    "end_licences": word("Licences of a closed account ended"),
    "erase_invoices": word("Licence invoices of a closed account erased"),
    "give_free_period": word("Free licence period given"),
    "give_up_licence": word("Licence not to be renewed"),
    "invoice_paid": word("Licence invoice paid"),
    "issue_fee_statement": word("Statement of fees issued"),
    "keep_entitlements": word("Functions by licence brought up to date"),
    "keep_licence": word("Licence to be renewed after all"),
    "move_licence": word("Licence moved to another station"),
    "note_bank_payment": word("Bank payment of an invoice noted"),
    "part_invoices": word("Licence invoices parted from those of the new owner"),
    "remind": word("Reminder of an overdue invoice"),
    "resume_subscription": word("Cancellation of the subscription taken back"),
    "set_plan_price": word("Price of a plan changed"),
    "start_trial": word("Trial of a plan started"),
    "subscribe": word("Plan bought"),
    "unlock_paid": word("Functions unlocked after payment"),
    "warn_of_trial_end": word("Notice of the end of a trial"),
}
