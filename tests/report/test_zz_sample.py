import os
from pathlib import Path
from rich.console import Console
from harness.report import *
from harness.schema import Recipe
OUT=Path("/tmp/reports")
def test_eight(eight):
    print(write_report(eight, OUT/"eight", sections=[("A section","text & <b>\n- list")], generated_at="2026-01-01 12:00 UTC"))
def test_one(make_entry, make_dataset):
    c=compare([make_entry("convnet",1.2, dataset=make_dataset(synthetic=True,name="faces"))])
    write_report(c, OUT/"one", generated_at="2026-01-01 12:00 UTC")
def test_two(make_entry, make_speed):
    a=make_entry("convnet",1.2,4.); b=make_entry("vgg",1.9,.7)
    c=compare([a,b])
    write_report(c, OUT/"two", generated_at="2026-01-01 12:00 UTC")
def test_twenty(make_entry):
    cl=tuple(f"class-{i:03d}" for i in range(100))
    return
    c=compare([make_entry(f"m{i}",1+i/10,i+1.,classes=cl,recipe=Recipe(epochs=i)) for i in range(20)])
    write_report(c, OUT/"twenty100", generated_at="2026-01-01 12:00 UTC")
    c=compare([make_entry(f"net-{i}",1+i/10,i+1.) for i in range(20)])
    write_report(c, OUT/"twenty", generated_at="2026-01-01 12:00 UTC")
    c=compare([make_entry(f"net-{i}",1+i/10,i+1.,classes=("no","yes")) for i in range(2)])
    write_report(c, OUT/"binary", generated_at="2026-01-01 12:00 UTC")
def test_screen(eight):
    for w in (80,110,200):
        with open(f"/tmp/reports/s{w}.txt","w") as f: print_table(eight, Console(file=f,width=w))
