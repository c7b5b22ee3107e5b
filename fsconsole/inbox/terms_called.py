"""What other systems call the sections, fields and words of a price file, for “did you mean”; and what a slip in TOML is.

It stands apart because these are hints alone: nothing is read by another name than its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

#: Our name, and what it is called elsewhere. The first of ours that there is where the word stands is meant.
CALLED: tuple[tuple[str, str], ...] = (
    ("amount", "price rate fee value unit_price unit_amount unit_cost cost charge_amount flat_amount flat_fee list_price"),
    ("price", "amount rate fee value unit_price unit_amount hourly_rate price_per_unit rate_per_hour per_unit"),
    ("from", "start start_date starts begin begins begin_date effective_date effective_from valid_from started_at period_start "
             "from_date subscription_at activation_date on date"),
    ("on", "date day at from effective_date effective_from when start start_date timestamp posting_date period_start read_on"),
    ("until, or last_day for the last day it holds",
     "end end_date ends to to_date valid_to valid_until effective_to expires expiry expires_on expiration period_end ending_at"),
    ("last_day", "end end_date"),
    ("to", "until end end_date paid_on"),
    ("every", "interval frequency period billing_period billing_interval billing_cycle cycle recurrence cadence repeat"),
    ("in", "billing billing_timing timing pay_in_advance in_advance advance arrears billing_mode when"),
    ("anchor", "billing_day bill_cycle_day bcd day_of_month anchor_day billing_anchor billing_cycle_anchor invoice_day"),
    ("prorate", "proration prorated pro_rata prorata proration_behavior day_count"),
    ("timezone", "tz time_zone zone"),
    ("client", "customer account customer_name party buyer company"),
    ("ref", "id code reference number external_id contract_id contract_no contract_number"),
    ("payment", "terms payment_terms net_days net_payment_term credit_terms payment_term due payment_terms_template"),
    ("order_number", "po po_number purchase_order order customer_po"),
    ("order_ceiling", "po_amount po_ceiling po_limit"),
    ("tax", "vat gst vat_rate tax_rate tax_percent taxes tax_code sales_tax tax_template"),
    ("percent", "percentage rate pct tax_rate"),
    ("prices", "tax_behavior included_in_print_rate tax_inclusive inclusive price_includes_tax"),
    ("renews", "auto_renew auto_renewal renewal_type renew autorenew"),
    ("renewal", "renewal_term renewal_period renewal_length"),
    ("notice", "notice_period notice_days cancellation_notice"),
    ("quantity", "qty units seats count number no"),
    ("units", "quantity qty amount value count properties"),
    ("kind", "type model charge_model billing_type category"),
    ("model", "charge_model billing_scheme tiers_mode pricing_model type kind"),
    ("name", "title description label item product id code"),
    ("what", "type action kind event change"),
    ("tiers", "ranges graduated_ranges volume_ranges bands steps brackets price_tiers"),
    ("upto", "up_to to to_value max last"),
    ("flat", "flat_amount flat_fee fixed"),
    ("package", "package_size size block_size"),
    ("included", "free_units allowance included_units included_hours free quota included_minutes free_quota"),
    ("carry", "rollover roll_over carry_over carryover carry_forward"),
    ("minimum", "min min_amount minimum_amount minimum_charge min_charge minimum_fee"),
    ("maximum", "max max_amount cap maximum_amount"),
    ("capacity", "rollover max_reading digits dial"),
    ("minutes", "hours duration length qty"),
    ("on_holidays", "holiday_hours"),
    ("holidays", "calendar holiday_list region country holiday_calendar"),
    ("respond", "response_time response first_response"),
    ("restore", "resolution resolution_time fix_time resolve"),
    ("responded", "response_at responded_at first_responded_on"),
    ("restored", "resolved resolved_at resolution_date closed"),
    ("reported", "created opened created_at received from on"),
    ("lead_days", "advance_days days_before generate_invoice_days_before"),
    ("term", "line item charge subscription plan service"),
    ("invoice", "number invoice_number invoice_no"),
    ("cap", "limit nte not_to_exceed max maximum ceiling"),
    ("percent", "rate retention retainage"),
    ("releases", "release released release_date released_on"),
    ("limit", "cap maximum max"),
    ("base", "base_value base_index"),
    ("lag_months", "lag offset_months"),
    ("until", "expires expiry"),
    ("due", "due_date"),
    ("issued", "invoice_date date issue_date issued_on invoiced on"),
    ("documents", "invoices bills"),
    ("for", "invoice invoices document documents against reference"),
    ("round_to", "cash_rounding rounding_increment smallest_coin"),
    ("lines", "items line_items rows"),
    ("net", "amount subtotal"),
    ("expect", "expected assert result"),
    # sections
    ("term", "terms line item line_item charge plan subscription fee price subscriptions product service charges lines items"),
    ("contract", "agreement customer account client subscription header"),
    ("revision", "change amendment event events upgrade downgrade suspension cancellation termination revisions changes"),
    ("issued", "invoice invoices billed history invoiced"),
    ("discount", "coupon promotion coupons rebate discounts"),
    ("asset", "equipment device unit machine item assets devices"),
    ("escalator", "uplift indexation price_increase increase escalation"),
    ("reading", "meter meters readings meter_reading"),
    ("usage", "event events record usage_record measurement consumption"),
    ("block", "wallet prepaid bundle hour_block retainer credits"),
    ("labour", "labor time timesheet timesheets time_entry work hours"),
    ("visit", "job visits call service_visit work_order"),
    ("part", "parts material materials stock"),
    ("rate", "taxes tax_rate vat tax_rates"),
    ("tax", "document invoice taxes"),
    ("due", "payment_terms payment_term terms payment"),
    ("allocate", "payment payments reconciliation receipt cash allocation"),
    ("interest", "late_fee late_payment dunning penalty"),
    ("order", "po purchase_order purchase_orders"),
    ("deadline", "sla_clock clock timer working_time"),
    ("sla", "ticket call incident breach tickets calls"),
    ("pause", "hold holds pauses on_hold"),
    ("share", "proration prorate pro_rata"),
    ("zone", "timezone time_zone"),
    ("split", "allocation distribute shares"),
    ("expect", "expected assert result"),
    # kinds of term, and words of choices
    ("fixed", "subscription recurring flat flat_fee standard fee retainer license licence rental fixed_fee service_fee"),
    ("per asset", "per_device device equipment per_unit per-asset per_seat asset"),
    ("meter", "metered usage tiered graduated volume package consumption click clicks reading usage_based"),
    ("hours", "included_hours bucket pool pooled hour_pool support"),
    ("block", "prepaid wallet hour_block bundle prepaid_hours"),
    ("visits", "maintenance planned_visits ppm"),
    ("commitment", "minimum true_up true-up minimum_commitment"),
    ("time", "labour labor t&m time_and_materials hourly time_materials"),
    ("ceiling", "nte not_to_exceed cap"),
    ("deposit", "down_payment prepayment advance_payment"),
    ("retention", "retainage holdback"),
    ("termination", "early_termination etf termination_fee exit_fee"),
    ("sla", "service_credit penalty credits service_level"),
    ("progress", "percent_complete progress_billing claim"),
    ("milestone", "stage stages milestones"),
    ("advance", "prepaid prepay begin beginning start upfront in_advance beginning_of_period"),
    ("arrears", "postpaid postpay end ending in_arrears in_arrear behind end_of_period"),
    ("actual", "daily by_day per_day create_prorations day days prorated second"),
    ("none", "never off no_proration full no"),
    ("price", "upgrade downgrade price_change new_price amount amend reprice"),
    ("quantity", "seats units quantity_change"),
    ("end", "cancel cancellation terminate termination stop close expire"),
    ("suspend", "pause hold freeze stop"),
    ("resume", "unpause restart reactivate continue"),
    ("transfer", "assign assignment move novation"),
    ("renew", "renewal extend extension"),
    ("net", "exclusive"),
    ("exclusive", "excluded excl net"),
    ("inclusive", "included incl gross"),
    ("itself", "auto automatic always yes"),
    ("at once", "immediate immediately now always_invoice"),
    ("immediate", "at_once now prorated pro_rata refund"),
    ("period end", "end_of_period at_period_end eot end_of_term"),
    ("next period", "next_cycle at_renewal deferred"),
    ("billed", "charged prorated normal"),
    ("merged", "combined added long"),
    ("free", "waived skipped none"),
    ("half away", "half_up half-up commercial round_half_up away_from_zero half up"),
    ("half even", "bankers banker round_half_even bankers_rounding"),
    ("anchor", "same keep start"),
    ("oldest", "fifo first first_in_first_out"),
    ("newest", "lifo last"),
    ("proportional", "pro_rata prorata"),
    ("graduated", "slab slabs tiered stairstep"),
)  # fmt: skip

_OTHERS: dict[str, list[str]] = {}
for _ours, _theirs in CALLED:
    for _word in _theirs.split():
        _OTHERS.setdefault(_word.replace("-", "_"), []).append(_ours)


def like(word: str, known: Iterable[str]) -> str:
    """“; did you mean price?” where a known word is near, or is what other systems call so."""
    there = list(known)
    plain = re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word.strip())).lower()
    near = get_close_matches(word, there, 1, 0.75) if word else []
    if near:
        return f"; did you mean {near[0]}?"
    for ours in _OTHERS.get(plain, ()):
        if re.split(r", or ", ours)[0] in there:
            return f"; did you mean {ours}?"
    near = get_close_matches(word, there, 1, 0.6) if word else []
    return f"; did you mean {near[0]}?" if near else ""


def slip(message: str, line: str) -> str:
    """What is wrong with a line that is not TOML, in words that say what to write instead; the reader's own where unknown.

    ``message`` is what the TOML reader says, ``line`` the text of the line it says it of.
    """
    key, _, value = (part.strip() for part in line.partition("="))
    value = value.split("#")[0].strip()
    if found := re.search(r"annot declare \('([^']*)'", message):
        return f"[{found[1]}] stands here a second time; write all of it under one heading"
    if "annot overwrite" in message:
        return f"{key or 'it'} is said twice; leave one"
    if re.match(r"[\"']?\d{1,2}[./]\d{1,2}[./]\d{2,4}", value) or "nvalid date" in message:
        return f"“{value}” is not a day of the calendar; a day is written 2025-01-31, without quotes"
    if re.fullmatch(r"[£$€¥]\s?[\d.,]+|[\d.,]+\s?[£$€¥]|[A-Z]{3}\s?[\d.,]+|[\d.,]+\s?[A-Z]{3}", value):
        return f"“{value}”: an amount is written without its currency, such as 1200.00; [contract] says the currency"
    if re.fullmatch(r"[+-]?\d[\d.]*,[\d.,]*", value):
        return f"“{value}”: a number has a point before its decimals and no commas, such as 1200.00"
    if re.fullmatch(r"[\d.]+\s*%", value):
        return f"“{value}”: a percentage is written without its sign, such as {value.rstrip('% ')}"
    if re.fullmatch(r"\.\d+|\d+\.|0\d+(\.\d+)?", value):
        return f"“{value}”: a number has digits on both sides of its point and no zero before them, such as 0.50"
    if re.fullmatch(r"(True|False|TRUE|FALSE|[Yy]es|[Nn]o|YES|NO)", value):
        return f"“{value}”: write {'true' if value[0] in 'TtYy' else 'false'}"
    if re.search("[“”„]", value):
        return "quotes are straight: write '…' instead of “…”"
    if "llegal character" in message and (value.count('"') % 2 or value.count("'") % 2):
        return "a quote is opened and not closed on its line"
    if re.match(r"[A-Za-z]", value) and "nvalid value" in message:
        return f'words stand in quotes: {key} = "{value}"'
    if "=" not in line and line.strip() and not line.strip().startswith("["):
        return "a field is written name = value, a section [name] or [[name]]"
    return message
