"""The roles that quantities read: which slots a question has, and what fills them when the question does not."""

from __future__ import annotations

from waterline.core.quantity import Role

model = Role("model")
base_model = model.via("base_model")
chip = Role("chip", follows=(model, "training_chip"))
lab = Role("lab", follows=(model, "developer"))
survey = Role("survey", kind="lab", default="frontier-labs")
operator = Role("provider", kind="operator", default="ai-cluster-owner")
region = Role("region", default="us")
switch = Role("switch", default="spectrum-4")
server = Role("server", follows=(chip, "server"))
maker = Role("chip.vendor", kind="vendor", follows=(chip, "vendor"))
seller = Role("vendor", kind="lab", follows=(model, "developer"))
token_offer = Role("token_offer", follows=(model, "token_offer"))
subscription = Role("subscription", kind="token_offer", default="chatgpt-plus")
price_trend = Role("price_trend", default="epoch-gpqa")

rival_model = Role("rival_model", kind="model")
rival_chip = Role("rival_chip", kind="chip", follows=(rival_model, "training_chip"))

purchase = Role("purchase", kind="half_year", default="2024-h1")
from_chip = Role("from", kind="chip")
to_chip = Role("to", kind="chip")
mover = Role("mover", default="product-team")
moved_model = Role("model", default="llama-3.1-70b")
served_model = Role("served_model", kind="model", default="llama-3.1-70b")

vendor = Role("vendor")
rival_vendor = Role("rival_vendor", kind="vendor", follows=(vendor, "main_rival"))

episode = Role("episode")
ticker = Role("ticker", follows=(vendor, "ticker"))
quarter = Role("quarter", follows=(vendor, "latest_quarter"))  # below: those before it, and that of a year before
first_before = quarter.via("previous")
second_before = first_before.via("previous")
third_before = second_before.via("previous")
year_ago = quarter.via("year_ago")
guided_quarter = Role("guided_quarter", kind="quarter", follows=(vendor, "guided_quarter"))
fiscal_year = Role("fiscal_year")
plan = Role("plan")
figure = Role("figure")

code = Role("code", kind="code_base", default="custom-kernels")
port = Role("port", default="caffe-hip")
year = Role("year", kind="compute_year", follows=(Role("world", default="world"), "latest_year"))
